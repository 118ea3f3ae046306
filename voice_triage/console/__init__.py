"""The CSR's page."""
