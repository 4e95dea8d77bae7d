"""One module for each check: what it demands, judged on values alone. `tasks.domain.compliance` goes over the rules."""
