"""Requests and answers of the programme, as the contract has them: one module a service, groups in two."""
