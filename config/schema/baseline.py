"""What holds where an organization wrote no policies: never nothing."""

from config.schema.policy import PolicyFile

_BASELINE = {
    "apiVersion": "merge-hub/v1",
    "kind": "Policy",
    "metadata": {"name": "baseline", "owner": "merge-hub"},
    "rules": [
        {
            "id": "BASE-001",
            "title": "Enough independent people approved exactly what lands",
            "check": "approvals",
            "severity": "critical",
            "controls": ["SOC2:CC8.1", "ISO27001:A.5.3"],
        },
        {
            "id": "BASE-002",
            "title": "Every required reviewer approved",
            "check": "reviewers",
            "severity": "high",
            "controls": ["SOC2:CC8.1", "ISO27001:A.8.4"],
        },
        {
            "id": "BASE-003",
            "title": "No security review is pending, and the team's labels are as it demands",
            "check": "labels",
            "with": {"none_of": ["security-review-pending"]},
            "severity": "critical",
            "controls": ["SOC2:CC8.1", "ISO27001:A.8.28"],
        },
        {
            "id": "BASE-004",
            "title": "Every required gate passed on exactly what lands",
            "check": "gates",
            "severity": "critical",
            "controls": ["SOC2:CC8.1", "ISO27001:A.8.29"],
        },
        {
            "id": "BASE-005",
            "title": "The audit log takes the record of the landing before it happens",
            "check": "audit_log_available",
            "severity": "critical",
            "controls": ["SOC2:CC7.2", "ISO27001:A.8.15"],
        },
    ],
}

BASELINE_POLICIES = (PolicyFile.model_validate(_BASELINE),)
