"""Study designs: whole runs from a settings file to an output folder."""
