"""Shows volumes and reports what was drawn, in patient coordinates; knows no trial."""
