"""What the CSR is offered beside what was heard: next questions, lanes, lines to say, the clinic's own addresses."""
