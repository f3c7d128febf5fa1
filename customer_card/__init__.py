from . import exceptions, models, tools, wizards
from .hooks import pre_init_hook
