limit-of-confidentiality =
    Ta klepet ni skrit pred voditelji skupine: preberejo lahko vse, kar je tu napisano.
    Drugi v skupini lahko preberejo, kar napišeš v sobi skupine.
    Tega, kar napišeš, ne pripovedujemo naprej. Če pa mislimo, da je zate ali za koga drugega nevarno, bomo morda morali povedati nekomu, ki lahko pomaga. Najprej bi se poskusili pogovoriti s tabo.
    Če kdo prijavi sporočilo, ga lahko preberejo odrasli, ki skrbijo za varnost vseh.
