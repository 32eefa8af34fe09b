"""Profile → Profile or DataFrame: what the samples mean. Knows no file format and draws nothing."""
