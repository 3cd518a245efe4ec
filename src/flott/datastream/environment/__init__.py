"""The families of methods that ``StreamExecutionEnvironment`` is made of, one module each."""
