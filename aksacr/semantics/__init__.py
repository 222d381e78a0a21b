"""Azure's own rules, as pure functions over facts: they read no clock, ask nobody and know no check.

Reading an unseen fact raises `UnseenError`; what Azure does not show at all is answered with a value that says so.
"""
