before-voluntary = Du bestämmer om du vill svara. Du kan hoppa över frågor, sluta, och fortsätta senare. Inget annat hänger på det.
before-seen-by = Ingen i din grupp ser vad du svarar, inte ledarna heller. De som arbetar med utvärderingen ser svaren utan ditt namn. På papper ser den ledare det som skriver in svaren.
before-not-read = Ingen läser dina svar medan de kommer in. Om något är svårt just nu finns hjälpknappen alltid där.
before-alarming = Några få svar tittar en vuxen på så snart du har gett dem, för att de kan betyda att någon behöver hjälp. I så fall skulle de försöka prata med dig först. Du får se hjälp med en gång.
before-unvalidated = De här frågorna är nya: ingen har prövat än hur bra de mäter.
before-leader = De här frågorna är till dig som leder gruppen. De handlar om hur träffarna gick, inte om någon enskild ungdom.
