"""The leader's figures: how many cases came, were answered, in time or late, and what people say.

Every number that counts cases carries the filter of the inbox that shows exactly these cases.
"""
