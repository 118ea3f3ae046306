"""A supervisor's look at kept calls: what they judged, scored and may take out, all from the calls' logs."""
