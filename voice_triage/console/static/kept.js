// The CSR's choices, kept by this browser where it keeps anything. Nothing of a call is ever kept here.

export function kept(name) {
  try {
    return localStorage.getItem(`voice-triage.${name}`);
  } catch {
    return null; // switched off in this browser
  }
}

/** Whether it could be kept. */
export function keep(name, value) {
  try {
    localStorage.setItem(`voice-triage.${name}`, value);
    return true;
  } catch {
    return false;
  }
}
