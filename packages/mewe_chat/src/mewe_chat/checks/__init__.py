"""The checks that come with the chat, and how all of them are run before anybody else sees a message."""
