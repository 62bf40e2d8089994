check-crisis-words = Words that tell of acute danger: whoever writes them is shown help at once, and a leader looks before others in the group see them.
check-contact-details = Telephone numbers, addresses and names on other services stay out of the group's chat.
check-links = Links stay out of the group's chat, except those to sites that were named for it.
limit-of-confidentiality =
    This chat is not secret from your leaders: they can read everything that is written here.
    Others in the group can read what you write in the group's room.
    We do not pass on what you write. But if we think that you or somebody else is at risk, we may have to tell somebody who can help. We would try to talk to you first.
    If somebody reports a message, the adults who look after everybody's safety can read it.
