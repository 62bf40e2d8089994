limit-of-confidentiality =
    Ce chat n'est pas secret pour les responsables du groupe : ils peuvent lire tout ce qui s'écrit ici.
    Les autres membres du groupe peuvent lire ce que tu écris dans la salle du groupe.
    Nous ne répétons pas ce que tu écris. Mais si nous pensons que toi ou quelqu'un d'autre êtes en danger, nous devrons peut-être en parler à quelqu'un qui peut aider. Nous essaierions d'abord d'en parler avec toi.
    Si quelqu'un signale un message, les adultes qui veillent à la sécurité de tous peuvent le lire.
