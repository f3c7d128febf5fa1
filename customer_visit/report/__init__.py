from . import customer_visit_preparation
