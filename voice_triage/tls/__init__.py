"""The clinic's own certificate authority, and the certificate under which other machines are served."""
