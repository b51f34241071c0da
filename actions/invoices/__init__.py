"""Invoices: where one is, the rules, and asking for one."""

from actions.invoices.skill import InvoiceSkill

__all__ = ["InvoiceSkill"]
