"""What a server does for each verb, once it is known who asks for what.

`read` gets and lists, `watch` streams, `create`, `update`, `patch` and `delete` write; the last step of every
write (admission, preparation, validation, storage) is in `write`.
"""
