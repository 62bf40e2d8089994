check-crisis-words = Words that tell of acute danger: whoever writes them is shown help at once, and a leader looks before others in the group see them.
check-contact-details = Telephone numbers, addresses and names on other services stay out of the group's chat.
check-links = Links stay out of the group's chat, except those to sites that were named for it.
