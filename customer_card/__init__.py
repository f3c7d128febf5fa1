from . import exceptions, models, wizards
