"""The public interface: live content as JSON, to be read by anybody. Knows of no sending and no reader."""
