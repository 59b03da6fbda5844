"""The parts of a report: each section is a module here, with its template beside it."""
