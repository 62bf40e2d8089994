export-title = Everything that is kept about you here
export-about = This was put together on { $when }. It holds what you wrote and what is noted about you; nothing that others wrote.
export-keep = Keep it in a place that is yours. Whoever has this page can read it.
export-why = Why:
export-nothing = Nothing is kept about you here.
