"""Path diagrams: a graph, its layout, and the drawing of it."""
