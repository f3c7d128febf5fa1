def lint(workbench):
    raise NotImplementedError
