"""Better together? The question of ketamine and TMS put to the studies, with every choice shown."""
