from . import customer_segment_migration
