"""How the notebooks of the workbench are opened: JupyterLab and voila, on this machine only."""
