"""The types of the pipeline: frozen values, reasons and ports, with no logic beyond small accessors."""
