"""The door: the only room that knows FHIR. Charts come in through `exchange.fhir`; reports go out."""
