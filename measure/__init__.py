"""Pure measurement: values in, values out; no file, no clock, no screen."""
