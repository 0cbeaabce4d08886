"""Tables, migrations, and the unit of work that writes a change and its audit row together."""
