"""The SQL shell: reads statements, runs them, shows what they give."""
