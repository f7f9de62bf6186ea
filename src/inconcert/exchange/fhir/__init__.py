"""Real FHIR in: a file or folder as an EHR exports it becomes people with facts, and an account of every resource."""
