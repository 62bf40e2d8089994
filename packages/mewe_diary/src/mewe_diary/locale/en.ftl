# What one may write about. Neutral words of ours; a deployment brings its own.
prompt-1 = You met your group. What would you like to remember from today?
prompt-2 = Which thought has visited you most this week? What does it look like when you write it down?
prompt-3 = Take a quiet minute. What do you notice in your body, and around you?
prompt-4 = Is there something small that you would like to try out?
prompt-5 = What matters to you? Who or what gives you strength?
prompt-6 = What would you say to a good friend who had a day like yours?
prompt-7 = Who is there for you? Whom could you tell something?
prompt-follow-up = Some time has passed. What has become of what you wrote then?
prompt-any = What would you like to keep from today?

# What one reads before sharing an entry. Whoever changes what it says raises WORDS_VERSION.
sharing-words =
    You are about to share this one entry with the leaders of your group. Nothing else of your diary is shared.
    They can read it until the day you choose, or until you take it back. What somebody has read, they have read.
    If something in it makes them worry that you or somebody else is in danger, they may have to tell others who can help. They try to talk with you first.
    If you need help now, do not wait for an answer here: use "I need help".
