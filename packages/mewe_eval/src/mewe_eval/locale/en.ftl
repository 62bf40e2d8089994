before-voluntary = You decide whether to answer. You can skip any question, stop, and go on later. Nothing else depends on it.
before-seen-by = Nobody in your group sees what you answer, not your leaders either. Those who work with the evaluation see the answers without your name. On paper, the leader who types it in sees it.
before-not-read = Nobody reads your answers as they come. If something is hard right now, the help button is always there.
before-alarming = A few answers are looked at by an adult as soon as you give them, because they may mean that somebody needs help. If so, they would try to talk to you first. You are shown help at once.
before-unvalidated = These questions are new: nobody has tested yet how well they measure.
before-leader = These questions are for you as a leader. They are about how the sessions went, not about any one young person.
