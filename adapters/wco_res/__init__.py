"""WCO Data Model response (RES): the notifications of a WCO-model customs."""
