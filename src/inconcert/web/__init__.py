"""The clinic's site: what people see in a browser. The only room that knows Django."""
