"""
The compliance report of a period: what landed, how it was controlled, and what is not proven.

All of it follows from the first events of the log, as many as a checkpoint signs, and from the evidence that they cite:
whoever has both makes the same report, byte for byte. No time and no name in it comes from anywhere else.
"""
