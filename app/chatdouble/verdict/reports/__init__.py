"""Reports of verdicts: text, JSON, JUnit XML, workflow annotations and SARIF."""
