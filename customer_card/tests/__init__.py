from . import test_card_lifecycle
