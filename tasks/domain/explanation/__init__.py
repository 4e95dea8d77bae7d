"""
Why is a pull request not merged, and what may who do about it?

`record` is what a run keeps of every pull request that it saw open, `answer` what is made of that for one of them, and
`words` how a commit status and a page say it. What an answer needs is small and quick to import: it is asked for often.
"""

KEPT_SCHEMA = "explanations/1"
"""Of the documents that runs keep."""
