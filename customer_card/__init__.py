from . import exceptions, models, wizards
from .hooks import pre_init_hook
