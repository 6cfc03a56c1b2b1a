"""The networks: one table, a file a network, what each costs. Only builder.py loads TensorFlow."""
