"""One task: gate (inputs), chain (operators), routers (outputs), and the turn that joins them."""
