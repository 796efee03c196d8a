"""Who may speak: the installation's own certificate authority, enrolment of boxes, and their revocation."""
